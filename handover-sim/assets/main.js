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
import { toast } from "./shell/toast.js";
import { startTour } from "./shell/tour.js";
import { startViews } from "./shell/views.js";
import { listen } from "./state/live.js";
import { startSelection } from "./state/selection.js";
import { startShared } from "./state/shared.js";
import { startTimeline } from "./timeline/list.js";
import { startShare } from "./timeline/share.js";

const problem = await startShared();
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
startShare();
startTour();
listen();
if (problem) toast(problem);
