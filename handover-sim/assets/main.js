// Starts all parts of the page, then listens to the event stream.

import { startBusiness } from "./business/panel.js";
import { startClock } from "./controls/clock.js";
import { startDrawer } from "./controls/drawer.js";
import { startOwner } from "./owner.js";
import { startPeople } from "./people/list.js";
import { startNewPerson } from "./people/new_person.js";
import { startPhone } from "./phone/phone.js";
import { startKeys } from "./shell/keys.js";
import { startTheme } from "./shell/theme.js";
import { startViews } from "./shell/views.js";
import { listen } from "./state/live.js";
import { startSelection } from "./state/selection.js";
import { startTimeline } from "./timeline/list.js";

startTheme();
startViews();
startSelection();
startOwner();
startPeople();
startNewPerson();
startPhone();
startBusiness();
startTimeline();
startClock();
startDrawer();
startKeys();
listen();
