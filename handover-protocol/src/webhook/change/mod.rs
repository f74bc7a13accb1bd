//! News of an account: the values of `changes`.

mod author;
mod comment;
mod feed;
mod inbox_label;
mod leadgen;
mod mention;

pub use author::Author;
pub use comment::{CommentedMedia, InstagramComment};
pub use feed::Feed;
pub use inbox_label::{InboxLabel, PageLabel};
pub use leadgen::Leadgen;
pub use mention::InstagramMention;
