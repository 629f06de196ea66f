// A price that moved tints its ground for 400 ms: accent up, faint ink down; the sign beside it carries the meaning.
// Needs an id and data-tick="181.20" on the element; drawn again by htmx, the old value is remembered here.

const seen = new Map();
const still = matchMedia("(prefers-reduced-motion: reduce)");

function look() {
  for (const element of document.querySelectorAll("[data-tick][id]")) {
    const now = element.dataset.tick;
    const before = seen.get(element.id);
    seen.set(element.id, now);
    if (before === undefined || before === now || still.matches) continue;
    const style = getComputedStyle(element);
    const tint = style.getPropertyValue(Number(now) > Number(before) ? "--gain" : "--loss");
    const ground = `color-mix(in oklab, ${tint} 22%, transparent)`;
    element.animate([{ backgroundColor: ground }, { backgroundColor: "transparent" }], { duration: 400, easing: "ease-out" });
  }
}

look();
document.addEventListener("htmx:after:swap", look);
