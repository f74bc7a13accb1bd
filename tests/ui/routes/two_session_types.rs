use handover::prelude::*;

type Names = Session<Vec<String>>;

#[on_message(text = "count")]
async fn count(number: Session<u32>) {
    drop(number);
}

#[on_message(text = "names")]
async fn list(names: Names) {
    drop(names);
}

fn routes() -> Routes {
    routes![count, list]
//~                ^^^^
}

fn main() { drop(routes()) }
