//! Every journal behaves alike: a random history of each is compared with a simple model, and single
//! rules are tested one by one.

mod fixture;
mod history;
mod model;
mod replay;
mod rules;
mod sqlite;
