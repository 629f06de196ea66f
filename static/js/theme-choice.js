// The choice of system, light or dark: a cookie that the server reads, so that the next page is right at once.

const YEAR_SECONDS = 31536000;
const root = document.documentElement;

for (const group of document.querySelectorAll("[data-theme-choice]")) {
  group.hidden = false;
  group.querySelector(`[value=${root.dataset.theme ?? "system"}]`).checked = true;
  group.addEventListener("change", ({ target }) => {
    const chosen = target.value === "system" ? "" : target.value;
    if (chosen) root.dataset.theme = chosen;
    else delete root.dataset.theme;
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `theme=${chosen}; path=/; max-age=${chosen ? YEAR_SECONDS : 0}; samesite=lax${secure}`;
  });
}
