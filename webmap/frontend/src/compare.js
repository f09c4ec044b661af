/** The page that compares two editions: a program of its own. Without it the page shows two still pictures. */
import icons from "planmap:icons";
import { installComparison } from "./compare/swipe.js";
import { setIcons } from "./map/icons.js";

setIcons(icons, { all: true });
const figure = document.querySelector(".swipe");
if (figure) {
  figure.querySelector(".swipe-frame").hidden = false; // keeps the map's place while it loads
  installComparison(figure);
}
