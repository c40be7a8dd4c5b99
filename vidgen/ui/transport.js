// From a form to a sheet: one request in flight, and the newest form always wins.

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

// The server's Retry-After in seconds, kept within what a hand can wait.
function retryAfter(answer) {
  const seconds = Number(answer.headers.get("Retry-After"));
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 30) : 1;
}

// What an answer that is none says, in words.
async function refusal(answer) {
  try {
    const body = await answer.json();
    if (typeof body.message === "string") return { message: body.message };
  } catch {
    // Not our JSON: a proxy's error page, say. The words for it are ours.
  }
  return { key: "trouble_server", status: answer.status };
}

// A sheet is {bitmap, form, meta, roundTrip}; meta is the X-Sheet header, times in milliseconds.
function createTransport({ address, language, onSheet, onTrouble, onBusy }) {
  const SLOW = 700; // ms of waiting after which the page says that it works
  const TRIES = 4; // tries against a server that does not answer, 1 s apart and growing
  let wanted = null; // the newest form that nobody has asked for yet
  let flying = false;
  let leave = null; // ends what is in flight

  const trouble = (message) => leave.signal.aborted || onTrouble(message);

  // Ask once. Returns null when done, else the seconds after which to try again.
  async function attempt(form, tries) {
    const began = performance.now();
    let answer;
    try {
      answer = await fetch(address(form), { signal: leave.signal, headers: { "Accept-Language": language() } });
    } catch {
      if (leave.signal.aborted) return null;
      if (tries >= TRIES) return trouble({ key: "trouble_gone" }), null;
      return trouble({ key: "trouble_network" }), 2 ** tries;
    }
    if (answer.status === 503) return trouble({ key: "trouble_busy" }), retryAfter(answer);
    if (!answer.ok) return trouble(await refusal(answer)), null;
    const meta = JSON.parse(answer.headers.get("X-Sheet"));
    const bitmap = await createImageBitmap(await answer.blob());
    onSheet({ bitmap, form, meta, roundTrip: performance.now() - began });
    return null;
  }

  async function fly() {
    flying = true;
    let tries = 0;
    let slow = setTimeout(() => onBusy(true), SLOW);
    while (wanted) {
      const form = wanted;
      wanted = null;
      leave = new AbortController();
      let again = null;
      try {
        again = await attempt(form, tries);
      } catch (error) {
        if (!leave.signal.aborted) console.error(error);
        trouble({ key: "trouble_picture" });
      }
      tries = again === null ? 0 : tries + 1;
      if (again !== null) {
        await pause(again);
        if (!leave.signal.aborted) wanted = wanted || form;
      }
      clearTimeout(slow);
      slow = setTimeout(() => onBusy(true), SLOW);
      if (again === null) onBusy(false);
    }
    clearTimeout(slow);
    flying = false;
  }

  return {
    ask(form) {
      wanted = { ...form };
      if (!flying) fly();
    },
    // Hangs up, and asks for nothing more; tells whether anything was on its way.
    stop() {
      wanted = null;
      leave?.abort();
      return flying;
    },
  };
}
