// The operator's desk.
import "./feed.js";
import "./letter_editor.js";
import "./composer.js";
import "./outbox.js";
import "./replies.js";
import "./drafts.js";
import "./sheet.js";
import "./desk.js";
import "./copying.js";
import "./tabs.js";
import "./worklist.js";
import "./splitters.js";
import "./search.js";
import "./viewing.js";
import "./beside.js";
import "./diagram.js";
import "./live.js";
