// The address bar: the state of the page as a link, and what the link says to the page.

// These four are in every link: a link that names them is a whole state, and what it leaves out is
// neutral. One that does not, written by hand say, is laid over the first state of its release.
const ALWAYS_IN_LINKS = ["release", "class", "seed", "motion"];
// How the picture is looked at: what is legal, and first what is left out.
const LOOKS = {
  speed: [1, 0.25, 0.5, 2, 4], repeat: ["loop", "pingpong", "once"], pixels: [0, 1], onion: [0, 1],
};
const AXIS = /^(class|seed|motion|psi|step)(\*[2-8]|:\d+(\.\d+)?(,\d+(\.\d+)?){1,7})$/;
// What a view shows, and how: likewise, or what the text must look like. Links tell it of the view
// that is open.
const VIEW_LOOKS = {
  grid: { cols: ["seed*4", AXIS], rows: ["motion*4", AXIS] },
  compare: { side: [1, 2], linked: [0, 1] },
  family: { inside: ["", /^[\w./@-]{1,200}:[a-z0-9_]{1,32}(,[\w./@-]{1,200}:[a-z0-9_]{1,32}){0,15}$/] },
  path: {
    along: ["t", "mix", "psi", "motion_t", "walk"], clips: [16, 8, 12, 24, 32],
    through: ["", /^\d{1,10}(,\d{1,10}){1,15}$/], place: Array.from({ length: 33 }, (_, stop) => stop),
  },
};
const ALL_LOOKS = Object.assign({}, LOOKS, ...Object.values(VIEW_LOOKS));
// In a comparison, `with` says the side that the controls do not move: "release:one,class:3,seed:5".
const LINK_KEYS = [...FORM_KEYS, "view", ...Object.keys(ALL_LOOKS), "with"];
// ms for which the hand must rest: a write costs some, and browsers refuse more than 100 in 30 s.
const LINK_PAUSE = 250;

// "en" or "zh-CN": ?lang= wins, else the first language of the browser that the page speaks.
function chooseLanguage() {
  const asked = new URLSearchParams(location.search).get("lang");
  for (const tag of [asked, ...(navigator.languages || [navigator.language])]) {
    if (/^zh([-_]|$)/i.test(tag || "")) return "zh-CN";
    if (/^en([-_]|$)/i.test(tag || "")) return "en";
  }
  return "en";
}

// What a text means of what is legal; undefined where it is none of it.
function legalLook(legal, text) {
  const pattern = legal.find((each) => each instanceof RegExp);
  return pattern?.test(text) ? text : legal.find((each) => String(each) === text);
}

// What the link says of all looks and of the view, as far as it is legal; else what is neutral.
function readLooks(views) {
  const query = new URLSearchParams(location.search);
  const looks = {};
  for (const [key, legal] of Object.entries({ view: views, ...ALL_LOOKS })) {
    looks[key] = legalLook(legal, query.get(key)) ?? legal[0];
  }
  return looks;
}

// What the link says of looks and view that is not legal, as [key, value] pairs.
function strangeLooks(views) {
  const query = new URLSearchParams(location.search);
  const told = Object.entries({ view: views, ...ALL_LOOKS }).filter(([key]) => query.has(key));
  return told.flatMap(([key, legal]) =>
    legalLook(legal, query.get(key)) === undefined ? [[key, query.get(key)]] : []
  );
}

// What a teacher's link hides: ?hide=psi,motion.
function readHidden() {
  return (new URLSearchParams(location.search).get("hide") || "").slice(0, 500).split(",");
}

// A form as a link says it: [key, value] pairs, always in this order.
function formPairs(state, rules) {
  const form = rules.asked(state);
  const given = Object.fromEntries(ALWAYS_IN_LINKS.map((key) => [key, form[key]]));
  const plain = rules.complete(given);
  const told = (key) =>
    ALWAYS_IN_LINKS.includes(key) || form[key] !== plain[key] || (isFarEnd(key) && playsAPart(key, form));
  return FORM_KEYS.filter((key) => key in form && told(key)).map((key) => [key, form[key]]);
}

// The whole state likewise.
function linkPairs(state, rules, views) {
  const pairs = formPairs(state, rules);
  const looks = { view: views, ...LOOKS, ...VIEW_LOOKS[state.view] };
  for (const [key, legal] of Object.entries(looks)) {
    if (key in state && state[key] !== legal[0]) pairs.push([key, state[key]]);
  }
  if (state.view !== "compare") return pairs;
  return [...pairs, ["with", formPairs(state.other, rules).map((pair) => pair.join(":")).join(",")]];
}

// `pairs()` is what there is to say of the state; null as long as there is none.
function createAddress(pairs) {
  const beside = new Map(); // what the page says of itself: its language
  let timer = null;

  // Whatever else the address holds (what is hidden, the theme, a counter's) stays in it.
  function write() {
    clearTimeout(timer);
    timer = null;
    const said = pairs();
    const query = new URLSearchParams((said || []).map(([key, value]) => [key, String(value)]));
    for (const [key, value] of new URLSearchParams(location.search)) {
      if (!said || !LINK_KEYS.includes(key)) query.append(key, value);
    }
    for (const [key, value] of beside) query.set(key, value);
    try {
      const text = query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
      history.replaceState(history.state, "", `${location.pathname}?${text}${location.hash}`);
      tellSpace(text);
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

  function keep() {
    clearTimeout(timer);
    timer = setTimeout(write, LINK_PAUSE);
  }

  return {
    keep,
    say(key, value) {
      beside.set(key, value);
      keep();
    },
    // The link of what is on the page now.
    link() {
      write();
      return location.href;
    },
  };
}
