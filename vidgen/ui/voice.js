// What the page says: its words in two languages, the status line, the notes of the server.

function createVoice(root, strings) {
  const PRAISE_STAYS = 5000; // ms for which good news stands where the timings are
  const role = (name) => root.querySelector(`[data-role="${name}"]`);
  const notes = new Map(); // list item -> its sentence by language
  const retellers = [];
  let language = chooseLanguage();
  let said = null; // what the status line says, kept so that it can be said in another language
  let hush = null;

  function words(key, values = {}, tag = language) {
    const text = strings[tag][key] ?? key;
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  }

  // Everything written here goes through textContent: links and releases are strangers' words.
  function say(message) {
    if (!message && !said) return;
    said = message;
    clearTimeout(hush);
    if (message && message.kind === "good") hush = setTimeout(say, PRAISE_STAYS, null);
    const text = !message ? "" : message.key ? words(message.key, message) : message.message;
    role("status").textContent = typeof text === "object" ? text[language] : text;
    role("status").dataset.kind = message ? message.kind || "trouble" : "";
  }

  // Says everything again, in the language of now.
  function speak() {
    document.documentElement.lang = language;
    document.title = words("title");
    for (const node of root.querySelectorAll("[data-t]")) node.textContent = words(node.dataset.t);
    for (const node of root.querySelectorAll("[data-t-label]")) {
      const { tLabel, tName } = node.dataset;
      node.setAttribute("aria-label", words(tLabel, { name: tName && words(tName) }));
      if (node.tagName === "BUTTON") node.title = node.getAttribute("aria-label");
    }
    for (const [item, note] of notes) item.textContent = note[language];
    for (const retell of retellers) retell();
    if (said) say(said);
  }

  return {
    words,
    say,
    speak,
    language: () => language,
    // What is said now, by its kind: "trouble", "link" (about the address), "busy" or "good".
    saying: () => said && (said.kind || "trouble"),
    turn() {
      language = language === "en" ? "zh-CN" : "en";
      speak();
    },
    // The notes of now, in place of those before.
    note(sentences) {
      role("notes").hidden = sentences.length === 0;
      role("notes").replaceChildren();
      notes.clear();
      for (const sentence of sentences) {
        const item = makeNode("li");
        item.textContent = sentence[language];
        notes.set(item, sentence);
        role("notes").append(item);
      }
    },
    // Whoever writes words of its own is called after each change of the language.
    retell: (retell) => retellers.push(retell),
  };
}
