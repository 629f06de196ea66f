// After a swap that a person caused, focus goes where the news is: the first error, else [data-autofocus].
// Swaps that the page asked for by itself (polls) never move the focus.

const CAUSED_BY_A_PERSON = new Set(["submit", "click"]);

function isSeen(element) {
  return element.checkVisibility?.() ?? true;
}

document.addEventListener("htmx:after:swap", (event) => {
  const { ctx } = event.detail;
  if (!CAUSED_BY_A_PERSON.has(ctx?.sourceEvent?.type)) return;
  const place = ctx.target?.isConnected ? ctx.target : ctx.target?.id ? document.getElementById(ctx.target.id) : null;
  const scope = place ?? event.target.closest?.("main") ?? document.querySelector("main");
  const found = [...scope.querySelectorAll("[aria-invalid=true], [data-autofocus]")].filter(isSeen);
  const target = found.find((element) => element.matches("[aria-invalid=true]")) ?? found[0];
  target?.focus({ preventScroll: false });
});
