// The waiting browser asks once a second whether a phone has scanned and agreed; a code that died can be changed.
const code = document.getElementById("code");
const say = document.getElementById("say");
const WORDS = { waiting: "等待扫码…", scanned: "已扫码，请在手机上点「允许」", refused: "手机上选择了拒绝", expired: "这个码过期了" };

async function look() {
  let seen;
  try {
    seen = await (await fetch(`/connect/login/${code.dataset.login}`)).json();
  } catch {
    seen = { status: "waiting" }; // the sandbox may be starting again
  }
  if (seen.status === "confirmed") {
    location.replace(seen.redirect);
    return;
  }
  if (say.textContent !== WORDS[seen.status]) say.textContent = WORDS[seen.status];
  const over = seen.status === "refused" || seen.status === "expired";
  code.classList.toggle("off", over);
  document.getElementById("again").hidden = !over;
  if (!over) setTimeout(look, 1000);
}

if (code) look();
