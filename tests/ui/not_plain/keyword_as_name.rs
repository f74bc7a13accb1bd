use handover::prelude::*;

#[on_message]
async fn match() {}
//~      ^^^^^

fn main() { let _: handover::Routes = handover::routes![match]; }
