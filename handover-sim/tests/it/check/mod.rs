//! `handover-sim check`: recordings of the simulator, with and without another choice of the rules, and
//! recordings written by hand.

mod by_hand;
mod choices;
mod files;
mod orders;
mod recorded;
mod talks;
