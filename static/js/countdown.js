// [data-countdown="2026-11-24T15:30:00Z"] counts down to that moment: 12 min, then 4:32, then 0:00.

function left(until) {
  const seconds = Math.max(0, Math.round((until - Date.now()) / 1000));
  if (seconds >= 600) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function draw() {
  for (const element of document.querySelectorAll("[data-countdown]")) {
    element.textContent = left(Date.parse(element.dataset.countdown));
  }
}

draw();
document.addEventListener("htmx:after:swap", draw);
setInterval(draw, 1000);
