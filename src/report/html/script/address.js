/* The state of the page. All of it stands in the address, so that it can be sent as a link and gone back from. */

const blank = () => ({ view: data.view, q: "", sort: "" });

function read() {
  const said = new URLSearchParams(location.hash.slice(1));
  const state = { ...blank(), ...Object.fromEntries(said) };
  if (!said.has("view")) state.view = said.has("finding") ? "findings" : said.has("image") ? "images" : data.view;
  if (!Object.hasOwn(VIEWS, state.view)) state.view = data.view;
  return state;
}

function address(state) {
  const said = Object.entries(state).filter(([key, value]) => value && !(key === "view" && value === data.view));
  return `#${new URLSearchParams(said)}`;
}

let state = read();
let typing = false;

/** Goes to another state; a word being typed is one step back, not one a letter. */
function go(change, replace) {
  state = { ...state, ...change };
  const to = address(state);
  if (to !== (location.hash || "#")) history[replace ? "replaceState" : "pushState"](null, "", to);
  draw();
}

const view = () => VIEWS[state.view];
const opened = () => state[view().param];
