mod bot {
    use handover::prelude::*;

    struct Shop;

    #[on_message]
    impl Shop {}
//~ ^^^^
}

fn main() {}
