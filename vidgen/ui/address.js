// The address bar: which language is asked for, and the state of the page as a link.

const FORM_KEYS = [
  "release", "class", "seed", "seed_b", "t", "motion", "psi", "frames", "start", "step", "loop",
];
const LINK_PAUSE = 200; // ms between two writes; browsers refuse more than about 100 in 30 s

// "en" or "zh-CN": ?lang= wins, else the first language of the browser that the page speaks.
function chooseLanguage() {
  const asked = new URLSearchParams(location.search).get("lang");
  for (const tag of [asked, ...(navigator.languages || [navigator.language])]) {
    if (/^zh([-_]|$)/i.test(tag || "")) return "zh-CN";
    if (/^en([-_]|$)/i.test(tag || "")) return "en";
  }
  return "en";
}

// What the GET routes are asked for. Where A alone is shown, B plays no part in the key.
function clipQuery(form, version) {
  const sent = new URLSearchParams();
  for (const key of FORM_KEYS) if (key !== "seed_b" || form.t > 0) sent.set(key, form[key]);
  if (version) sent.set("v", version);
  return sent.toString();
}

function createAddress() {
  let timer = null;
  let next = null;

  function write() {
    timer = null;
    const query = new URLSearchParams(location.search);
    for (const [key, value] of Object.entries(next)) {
      query.set(key, value);
    }
    next = null;
    try {
      history.replaceState(history.state, "", `${location.pathname}?${query}${location.hash}`);
      tellSpace(query.toString());
    } catch {
      // A sandboxed frame may refuse; the page works on without a live address.
    }
  }

  // On a Space the address bar belongs to the page around this frame.
  function tellSpace(queryString) {
    const space = "https://huggingface.co";
    const around = location.ancestorOrigins ? location.ancestorOrigins[0] : document.referrer;
    if (window.parent !== window && (around || "").startsWith(space)) {
      window.parent.postMessage({ queryString }, space);
    }
  }

  return {
    keep(values) {
      next = { ...next, ...values };
      if (timer === null) timer = setTimeout(write, LINK_PAUSE);
    },
    // The link of a form, all of it: what is default today may be another tomorrow.
    link(form) {
      clearTimeout(timer);
      next = { ...next, ...form };
      write();
      return location.href;
    },
  };
}
