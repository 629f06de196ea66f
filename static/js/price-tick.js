// A price that moved tints its ground for 400 ms: one tint both ways, since the change beside it has the sign.
// Needs an id and data-tick="181.20" on the element; drawn again by htmx, the old value is remembered here.
// What is reckoned with it hears of it: the body gets "price-moved".

const seen = new Map();
const still = matchMedia("(prefers-reduced-motion: reduce)");

function look() {
  let moved = false;
  for (const element of document.querySelectorAll("[data-tick][id]")) {
    const now = element.dataset.tick;
    const before = seen.get(element.id);
    seen.set(element.id, now);
    if (before === undefined || before === now) continue;
    moved = true;
    if (still.matches) continue;
    const tint = getComputedStyle(element).getPropertyValue("--accent-soft");
    element.animate([{ backgroundColor: tint }, { backgroundColor: "transparent" }], { duration: 400, easing: "ease-out" });
  }
  if (moved) document.body.dispatchEvent(new CustomEvent("price-moved"));
}

look();
document.addEventListener("htmx:after:swap", look);
