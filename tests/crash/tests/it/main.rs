//! The harness at work: what a bot must survive, and mistakes that the harness must find.

mod support;

mod kills;
mod mutations;
mod power_loss;
