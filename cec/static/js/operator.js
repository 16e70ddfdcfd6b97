// The operator's desk.
import "./feed.js";
import "./composer.js";
import "./sheet.js";
import "./desk.js";
import "./tabs.js";
import "./beside.js";
import "./diagram.js";
import "./live.js";
