use handover::prelude::*;

struct Db;

#[on_message]
async fn greet(db: State<Db>) {
//~                ^^^^^^^^^
    drop(db);
}

fn main() { let _: handover::Routes = handover::routes![greet]; }
