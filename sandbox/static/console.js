// Keep what is on the page up to date: fetch the page again and put its live parts in place of ours.

const EVERY_MS = 2000;

function isInUse(part) {
  const selection = document.getSelection();
  const isSelected = selection && !selection.isCollapsed && part.contains(selection.anchorNode);
  return isSelected || part.contains(document.activeElement);
}

function replace(part, fresh) {
  const open = new Set([...part.querySelectorAll("details[open]")].map((each) => each.id));
  for (const each of fresh.querySelectorAll("details")) each.open = open.has(each.id);
  const scrolled = [...part.querySelectorAll(".scroll")].map((each) => each.scrollLeft);
  if (part.outerHTML === fresh.outerHTML) return;
  part.replaceWith(fresh);
  fresh.querySelectorAll(".scroll").forEach((each, place) => { each.scrollLeft = scrolled[place] ?? 0; });
}

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(part.id);
    if (fresh && !isInUse(part)) replace(part, document.importNode(fresh, true));
  }
}

async function keepFresh() {
  try {
    await refresh();
    document.body.classList.remove("stale");
  } catch {
    document.body.classList.add("stale"); // the sandbox is not there; try again
  }
  setTimeout(keepFresh, EVERY_MS);
}

document.querySelector(".rail [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" }); // on a phone
setTimeout(keepFresh, EVERY_MS);
