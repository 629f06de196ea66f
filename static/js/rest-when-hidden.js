// Polls rest while nobody looks: in a hidden tab a request that a timer asked for is not sent.
// When the tab comes back, everything that polls asks once, at once.

document.addEventListener("htmx:before:request", (event) => {
  if (document.hidden && event.detail.ctx?.sourceEvent?.type === "every") event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("[hx-trigger^=every]")) element.dispatchEvent(new CustomEvent("every"));
});
