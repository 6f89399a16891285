// The page with the login code: asks every two seconds whether the phone has confirmed; gives up with the code.
const poll = document.getElementById("sign-in").dataset.poll;

async function ask() {
  if (!document.hidden) {
    try {
      const answer = await fetch(poll, { credentials: "same-origin" });
      if (answer.ok && (await answer.json()).state !== "waiting") { location.reload(); return; }
    } catch { /* no network: asked again */ }
  }
  setTimeout(ask, 2000);
}
setTimeout(ask, 2000);
