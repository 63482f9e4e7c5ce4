/* The demo page: follows what the line makes of each visit, and lets the buttons work without leaving the page. */
const QUICK = 300; // ms between two looks while something is expected
const CALM = 1500;
const SLOWEST = 15000; // when the server doesn't answer
const EXPECTED_FOR = 15000; // ms after a page of the shop was opened

const byId = (id) => document.getElementById(id);
const lists = { slack: byId("slack"), tape: byId("tape") };
const shop = byId("shop");
const toast = byId("toast");
const known = new Map(); // "slack-<visit>" → the html that is shown
const still = matchMedia("(prefers-reduced-motion: reduce)");

let etag = "";
let expectedUntil = 0;
let timer = 0;
let failures = 0;
let looking = false;
let stepsDone = new Set(JSON.parse(sessionStorage.getItem("demo-steps") ?? "[]"));

function done(step) {
  stepsDone.add(step);
  sessionStorage.setItem("demo-steps", JSON.stringify([...stepsDone]));
  showSteps();
}

function showSteps() {
  let next = true;
  for (const item of document.querySelectorAll("[data-step]")) {
    const isDone = stepsDone.has(item.dataset.step);
    item.classList.toggle("done", isDone);
    item.toggleAttribute("aria-current", !isDone && next);
    if (!isDone && next) item.setAttribute("aria-current", "step");
    if (!isDone) next = false;
  }
}

function say(words) {
  toast.textContent = words;
  toast.classList.add("on");
  clearTimeout(say.timer);
  say.timer = setTimeout(() => toast.classList.remove("on"), 4000);
}

/** Lets a new piece come in softly, where people haven't asked for stillness. */
function arrive(piece, far) {
  if (still.matches) return;
  piece.animate({ opacity: [0, 1], transform: [`translateY(${far}px)`, "none"] }, { duration: 280, easing: "ease-out" });
}

/** Brings `old` to look like `fresh`, touching only the pieces that have changed. */
function grow(old, fresh) {
  old.className = fresh.className;
  const before = new Map([...old.querySelectorAll("[data-key]")].map((piece) => [piece.dataset.key, piece]));
  let last = null;
  for (const piece of [...fresh.querySelectorAll("[data-key]")]) {
    const same = before.get(piece.dataset.key);
    before.delete(piece.dataset.key);
    if (same?.isEqualNode(piece)) {
      last = same;
      continue;
    }
    const parent = piece.parentElement === fresh ? old : old.querySelector(".body");
    const isFocused = same?.contains(document.activeElement);
    if (same) same.replaceWith(piece);
    else if (last?.parentElement === parent) last.after(piece);
    else parent.prepend(piece);
    if (!same) arrive(piece, -6);
    if (isFocused) piece.querySelector("button, a")?.focus({ preventScroll: true });
    last = piece;
  }
  for (const piece of before.values()) piece.remove();
}

function element(html) {
  return new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
}

function show(list, items) {
  const kept = new Set(items.map((item) => `${list.id}-${item.id}`));
  for (const child of [...list.children]) {
    if (!kept.has(child.id)) child.remove();
  }
  let place = null;
  for (const item of items) {
    const id = `${list.id}-${item.id}`;
    const old = byId(id);
    if (!old) {
      const fresh = element(item.html);
      if (place) place.after(fresh);
      else list.prepend(fresh);
      list.parentElement.scrollTo({ top: 0, behavior: still.matches ? "auto" : "smooth" });
      arrive(fresh, -14);
      place = fresh;
      if (fresh.dataset.push && stepsDone.has("visit")) done("watch");
    } else {
      if (known.get(id) !== item.html) {
        const fresh = element(item.html);
        const isOther = fresh.classList.contains("dm") !== old.classList.contains("dm");
        if (isOther) old.replaceWith(fresh);
        else grow(old, fresh);
      }
      place = byId(id);
    }
    known.set(id, item.html);
  }
}

async function look() {
  if (looking) return;
  looking = true;
  try {
    const headers = etag ? { "If-None-Match": etag } : {};
    const answer = await fetch("/demo/watch.json?fragment=1", { headers, cache: "no-store", redirect: "error" });
    if (answer.status === 401 || answer.status === 410) return location.reload();
    if (answer.status === 200) {
      etag = answer.headers.get("ETag") ?? "";
      const news = await answer.json();
      show(lists.slack, news.slack);
      show(lists.tape, news.tape);
      if (news.waits) expectedUntil = Math.max(expectedUntil, Date.now() + 2000);
    } else if (answer.status !== 304) throw new Error(`status ${answer.status}`);
    failures = 0;
  } catch {
    failures += 1;
  } finally {
    looking = false;
  }
}

async function turn() {
  clearTimeout(timer);
  if (document.visibilityState === "visible") await look();
  const wait = Date.now() < expectedUntil ? QUICK : CALM;
  clearTimeout(timer);
  timer = setTimeout(turn, Math.min(wait * 2 ** failures, SLOWEST));
}

function expect() {
  expectedUntil = Date.now() + EXPECTED_FOR;
  turn();
}

function time(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

addEventListener("message", (event) => {
  if (event.origin !== location.origin || event.source !== shop.contentWindow) return;
  const { shop: what, page, choice, seconds } = event.data ?? {};
  if (what === "opened") {
    byId("url").textContent = `example-pumps.example${page === "/" ? "" : page}`;
    byId("reading").textContent = "0:00";
    byId("clock").hidden = false;
    byId("trouble").hidden = true;
    for (const card of document.querySelectorAll("[data-choice]")) {
      if (card.dataset.choice === choice) card.setAttribute("aria-current", "true");
      else card.removeAttribute("aria-current");
    }
    expect();
  } else if (what === "reads") {
    byId("reading").textContent = time(seconds);
    if (seconds % 10 === 0) expectedUntil = Math.max(expectedUntil, Date.now() + 3000);
  } else if (what === "broken") byId("trouble").hidden = false;
});

for (const card of document.querySelectorAll("[data-choice]")) {
  card.addEventListener("click", () => {
    if (card.closest(".five")) done("silence");
    else if (card.dataset.choice === "hartmann") done("visit");
    if (matchMedia("(max-width: 68.7rem)").matches) byId("shop-title").scrollIntoView({ behavior: still.matches ? "auto" : "smooth" });
  });
}

function leaveShop() {
  shop.src = "/demo/shop";
  byId("clock").hidden = true;
  byId("url").textContent = "example-pumps.example";
  for (const card of document.querySelectorAll("[data-choice]")) card.removeAttribute("aria-current");
  return new Promise((ready) => setTimeout(ready, 500)); // what the page left behind still arrives
}

addEventListener("submit", async (event) => {
  const form = event.target;
  const isRestart = form.action.endsWith("/demo/restart");
  if (!isRestart && !form.closest(".dm")) return;
  event.preventDefault();
  const button = event.submitter ?? form.querySelector("button");
  button.disabled = true;
  try {
    if (isRestart) await leaveShop();
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { Accept: "application/json" },
    });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    say((await answer.json()).said);
    if (isRestart) {
      stepsDone = new Set();
      sessionStorage.removeItem("demo-steps");
      showSteps();
    } else if (button.dataset.do === "undo" && stepsDone.has("wrong-pressed")) done("wrong");
    else if (button.dataset.do === "wrong_company") done("wrong-pressed");
  } catch {
    form.submit(); // the page's own way: it shows what is wrong
    return;
  } finally {
    button.disabled = false;
  }
  expectedUntil = Math.max(expectedUntil, Date.now() + 3000);
  turn();
});

document.querySelector('[data-step="awake"] a').addEventListener("click", () => done("awake"));
document.addEventListener("visibilitychange", turn);
showSteps();
turn();
