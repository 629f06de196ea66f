// Polls rest while nobody looks: in a hidden tab a request that a timer asked for is not sent.
// When the tab comes back, everything that polls asks once, at once.
// On a page that a form is about to leave, an answer on its way is dropped: after a sign-out it would say that the
// session has ended, and lead there before the sign-out has reached AutoShares.

let isLeaving = false;

addEventListener("submit", (event) => {
  if (!event.defaultPrevented && event.target.method === "post") isLeaving = true;
});
addEventListener("pageshow", () => { isLeaving = false; });
document.addEventListener("htmx:before:request", (event) => {
  const isPoll = event.detail.ctx?.sourceEvent?.type === "every";
  if (isPoll && (document.hidden || isLeaving)) event.preventDefault();
});
document.addEventListener("htmx:before:response", (event) => {
  if (isLeaving) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("[hx-trigger^=every]")) element.dispatchEvent(new CustomEvent("every"));
});
