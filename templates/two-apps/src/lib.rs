//! Two bots behind one Page: a receptionist passes questions about invoices to a specialist, and the
//! specialist passes the thread back.

pub mod billing;
mod question;
pub mod reception;
