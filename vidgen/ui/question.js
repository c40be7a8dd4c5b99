// A question before what can't be undone: a dialog, in which keeping is nearest to the hand.

// Returns ask(text), which says whether the answer was to delete.
function createQuestion(room, words) {
  const dialog = makeNode("dialog", { class: "vg-dialog vg-question", "aria-labelledby": "vg-question" });
  const [text, form] = [makeNode("p", { id: "vg-question" }), makeNode("form", { method: "dialog" })];
  const [keep, remove] = ["keep", "delete"].map((value) => makeNode("button", { value }));
  form.append(keep, remove);
  dialog.append(text, form);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  room.append(dialog);
  return (question) => new Promise((answer) => {
    text.textContent = question;
    keep.textContent = words("run_keep");
    remove.textContent = words("run_delete");
    dialog.returnValue = "";
    dialog.addEventListener("close", () => answer(dialog.returnValue === "delete"), { once: true });
    dialog.showModal();
  });
}
