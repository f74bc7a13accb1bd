use handover::prelude::*;

use std::rc::Rc;

#[on_message]
async fn greet() {
//~      ^^^^^
    let shared = Rc::new(());
    std::future::ready(()).await;
    drop(shared);
}

fn main() { let _: handover::Routes = handover::routes![greet]; }
