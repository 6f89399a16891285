// Tickets made without a network wait here, numbered by the till, until the centre has answered for each.
const opened = new Promise((done, fail) => {
  const asked = indexedDB.open("till-tickets", 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("tickets", { keyPath: ["till_id", "seq"] });
  asked.onsuccess = () => done(asked.result);
  asked.onerror = () => fail(asked.error);
});

async function work(mode, what) {
  const database = await opened;
  return new Promise((done, fail) => {
    const walk = database.transaction("tickets", mode);
    const asked = what(walk.objectStore("tickets"));
    walk.oncomplete = () => done(asked?.result);
    walk.onerror = () => fail(walk.error);
  });
}

export const waiting = () => work("readonly", (store) => store.getAll());
export const keep = (ticket) => work("readwrite", (store) => store.add(ticket));
const drop = (ticket) => work("readwrite", (store) => store.delete([ticket.till_id, ticket.seq]));

const NO_SHIFT = "T-4091"; // comes again once somebody is at work; every other answer is final and kept by the centre

export async function upload(token) {
  const all = await waiting(), answered = [];
  for (const till of new Set(all.map((ticket) => ticket.till_id))) {
    const mine = all.filter((ticket) => ticket.till_id === till);
    for (let at = 0; at < mine.length; at += 20) {
      const tickets = mine.slice(at, at + 20);
      const answer = await fetch("/api/v1/pos/tickets", {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": token },
        body: JSON.stringify({ till_id: till, tickets: tickets.map(({ till_id, ...ticket }) => ticket) }),
      });
      if (!answer.ok) return answered;
      for (const each of await answer.json()) {
        if (each.code !== NO_SHIFT) await drop({ till_id: till, seq: each.seq });
        answered.push(each);
      }
    }
  }
  return answered;
}
