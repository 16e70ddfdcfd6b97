// What every page of the signed-in window does.
import "./clocks.js";
import "./menus.js";
import "./keys.js";
import "./refusals.js";
import "./toasts.js";
import "./notices.js";
import "./heartbeat.js";
