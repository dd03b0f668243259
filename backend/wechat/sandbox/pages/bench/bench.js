// The page: everything wired together.

import { startBehind } from "./behind.js";
import { showDesk } from "./desk.js";
import { showOffice } from "./office_pc.js";
import { openFirst } from "./phones.js";
import { startClock, tick } from "./time.js";
import { startTour } from "./tour.js";
import { showWall } from "./wall.js";
import { loadWall, refresh } from "./world.js";

const EVERY_MILLISECONDS = 1500;

document.addEventListener("click", event => { // a menu closes when something else is clicked
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", event => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

startClock();
startBehind();
await Promise.all([refresh(), loadWall()]);
tick();
openFirst();
showWall();
startTour();
showDesk();
showOffice();
setInterval(refresh, EVERY_MILLISECONDS);
