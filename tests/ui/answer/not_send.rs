use handover::prelude::*;

#[on_message]
async fn greet() {
    let counter = std::rc::Rc::new(1);
    std::future::ready(()).await;
    drop(counter);
}

fn main() {}
