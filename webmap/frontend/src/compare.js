/** The page that compares two editions: a program of its own. Without it the page shows two still pictures. */
import { installComparison } from "./compare/swipe.js";

const figure = document.querySelector(".swipe");
if (figure) installComparison(figure);
