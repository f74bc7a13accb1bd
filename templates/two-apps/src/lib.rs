//! Two bots behind one Page: the reception passes questions about invoices to billing, and billing passes
//! the thread back.

pub mod billing;
mod question;
pub mod reception;
