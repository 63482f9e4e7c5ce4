/* Keeps the live part of a page fresh, and copies the snippet. Every page works without it. */
const EVERY = 2000; // ms between two looks
const LATEST = 30000; // ms at most when the server does not answer

document.documentElement.classList.add("js");

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = "Copied";
  });
}

/** Whether somebody is in the middle of something there: then nothing may move under their hands. */
function isBusy(region) {
  const selection = document.getSelection();
  const isSelecting = selection && !selection.isCollapsed && region.contains(selection.anchorNode);
  return isSelecting || region.querySelector("form[data-sending]") !== null;
}

/** A name that a control keeps when the region is made anew, so that the focus finds it again. */
function nameOf(element) {
  if (!element || element === document.body) return "";
  if (element.matches("summary")) return `summary ${element.parentElement.id}`;
  if (element.form) return [...new FormData(element.form).values()].join(" ");
  return element.getAttribute("href") ?? "";
}

function replace(region, html) {
  const open = [...region.querySelectorAll("details[open][id]")].map((details) => details.id);
  const focused = region.contains(document.activeElement) ? nameOf(document.activeElement) : "";
  const fresh = new DOMParser().parseFromString(html, "text/html");
  region.replaceChildren(...fresh.body.childNodes);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  if (focused) {
    const again = [...region.querySelectorAll("a, button, summary")].find((each) => nameOf(each) === focused);
    again?.focus({ preventScroll: true });
  }
  announce(region);
}

/** Tells screen readers what has changed, and only when it has: not each new "12 s ago". */
function announce(region) {
  const words = region.querySelector("[data-say]")?.dataset.say ?? "";
  const status = document.getElementById("announce");
  if (status && status.textContent !== words) status.textContent = words;
}

function follow(region) {
  let etag = "";
  let wait = EVERY;
  region.addEventListener("submit", (event) => event.target.setAttribute("data-sending", ""));

  async function look() {
    if (document.visibilityState === "hidden" || isBusy(region)) return;
    const headers = etag ? { "If-None-Match": etag } : {};
    const answer = await fetch(region.dataset.live, { headers, credentials: "same-origin", cache: "no-store", redirect: "error" });
    if (answer.status === 401) return location.reload(); // the session has ended: the page asks for a login
    if (answer.status === 200) {
      etag = answer.headers.get("ETag") ?? "";
      replace(region, await answer.text());
    } else if (answer.status !== 304) throw new Error(`status ${answer.status}`);
  }

  async function turn() {
    try {
      await look();
      wait = EVERY;
    } catch {
      wait = Math.min(wait * 2, LATEST);
    }
    setTimeout(turn, wait);
  }
  setTimeout(turn, EVERY);
}

document.querySelectorAll("[data-live]").forEach(follow);
