// Small pictures of clips: their first frames, asked of the server one by one as they come into sight.

function createThumbs({ language }) {
  const MOST = 300; // that are kept while the page is open
  const drawn = new Map(); // address -> the frame
  const places = new WeakMap(); // canvas -> its address
  const waiting = new Set(); // canvases in sight that have no picture yet
  let busy = false;

  function draw(canvas) {
    const frame = drawn.get(places.get(canvas));
    if (!frame) return false;
    const scale = Math.min(canvas.width / frame.width, canvas.height / frame.height);
    const [width, height] = [frame.width * scale, frame.height * scale];
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(frame, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height);
    canvas.dataset.drawn = "";
    return true;
  }

  // Asks once; returns the seconds after which to try again, 0 where that is of no use.
  async function fetchFrame(address) {
    const answer = await fetch(address, { headers: { "Accept-Language": language() } });
    if (answer.status === 503) return retryAfter(answer);
    if (!answer.ok) return 0;
    const { width, height } = JSON.parse(answer.headers.get("X-Sheet"));
    if (drawn.size >= MOST) drawn.delete(drawn.keys().next().value);
    drawn.set(address, await createImageBitmap(await answer.blob(), 0, 0, width, height));
    return 0;
  }

  // One at a time: a slider never waits for more than one of them.
  async function work() {
    busy = true;
    for (const canvas of waiting) {
      waiting.delete(canvas);
      if (draw(canvas)) continue;
      try {
        const again = await fetchFrame(places.get(canvas));
        if (!draw(canvas) && again > 0) {
          await pause(again);
          waiting.add(canvas);
        }
      } catch {
        // The network, or a damaged picture: it is asked for again when the list is.
      }
    }
    busy = false;
  }

  const sight = new IntersectionObserver((seen) => {
    for (const { target, isIntersecting } of seen) {
      if (isIntersecting && !("drawn" in target.dataset)) waiting.add(target);
      else waiting.delete(target);
    }
    if (!busy) work();
  });

  return {
    show(canvas, address) {
      places.set(canvas, address);
      if (!draw(canvas)) sight.observe(canvas);
    },
  };
}
