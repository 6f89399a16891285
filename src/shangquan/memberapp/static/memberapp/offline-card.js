// Codes for the minutes without a network: each one that is shown gets the next as its own fallback, until they end.
const later = [...document.querySelectorAll("template[data-later]")];

function prepare() {
  document.querySelectorAll("sq-member-code[data-state=offline]").forEach((shown) => {
    if (shown.querySelector("template[data-offline]") || !later.length) return;
    const next = document.createElement("template");
    next.dataset.offline = "";
    next.content.append(later.shift().content);
    shown.append(next);
  });
}
new MutationObserver(prepare).observe(document.querySelector(".code-page"), { childList: true });
