"use strict";
// Everything on the page is built from elements and text nodes: no text can become markup.
const judge = {};

// h("p", {class: "soft"}, "text", h("b", {}, "more")): an element with attributes and children.
judge.h = (tag, attributes, ...children) => {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, String(value));
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
};

// The JSON of a data block, or null when there is none.
judge.data = (id) => {
  const block = document.getElementById(id);
  return block ? JSON.parse(block.textContent) : null;
};
