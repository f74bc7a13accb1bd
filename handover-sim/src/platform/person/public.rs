use handover_protocol::{
    Author, CommentedMedia, EventBody, Feed, InstagramComment, PersonId, Timestamp,
};

use super::super::contact::ContactKey;
use super::super::scene::Scene;
use super::super::{ActError, Platform, Product, Step};

impl Platform {
    /// The person comments on a post of the account, or with Instagram on one of its media. The
    /// answer is the comment's id, for a private reply.
    pub fn comment(
        &mut self,
        person: &PersonId,
        text: &str,
        now: Timestamp,
    ) -> Result<Step<String>, ActError> {
        let write = |scene: &mut Scene<'_>| {
            let [post, number] = [(); 2].map(|()| scene.ids.number());
            Ok(match scene.account.product {
                Product::Messenger => {
                    let (id, post) = (format!("{post}_{number}"), scene.id_of_post(&post));
                    let comment = Feed {
                        comment_id: Some(id.clone()),
                        parent_id: Some(post.clone()),
                        post_id: Some(post),
                        ..scene.on_the_page("comment", text)
                    };
                    (id, EventBody::Feed(comment))
                }
                Product::Instagram => {
                    let comment = InstagramComment {
                        id: Some(number.clone()),
                        text: Some(text.to_owned()),
                        from: Some(scene.author()),
                        media: Some(CommentedMedia {
                            id: Some(post),
                            media_product_type: Some("FEED".to_owned()),
                            ..CommentedMedia::default()
                        }),
                        ..InstagramComment::default()
                    };
                    (number, EventBody::Comments(comment))
                }
            })
        };
        self.in_public(person, text, write, ContactKey::Comment, now)
    }

    /// The person posts on the Page. The answer is the post's id, for a private reply.
    pub fn post(
        &mut self,
        person: &PersonId,
        text: &str,
        now: Timestamp,
    ) -> Result<Step<String>, ActError> {
        let write = |scene: &mut Scene<'_>| {
            if scene.account.product != Product::Messenger {
                return Err(ActError::NoPosts);
            }
            let number = scene.ids.number();
            let id = scene.id_of_post(&number);
            let post = Feed {
                post_id: Some(id.clone()),
                ..scene.on_the_page("post", text)
            };
            Ok((id, EventBody::Feed(post)))
        };
        self.in_public(person, text, write, ContactKey::Post, now)
    }

    /// Tells everybody, who can then answer by the id.
    fn in_public(
        &mut self,
        person: &PersonId,
        text: &str,
        write: impl FnOnce(&mut Scene<'_>) -> Result<(String, EventBody), ActError>,
        key: impl FnOnce(String) -> ContactKey,
        now: Timestamp,
    ) -> Result<Step<String>, ActError> {
        let mut scene = self.scene_of(person, now)?;
        if text.trim().is_empty() {
            return Err(ActError::Empty);
        }
        let (id, body) = write(&mut scene)?;
        scene.announce_to_all(body);
        let step = scene.close(id.clone());
        self.reachable(person, key(id), now)?;
        Ok(step)
    }
}

impl Scene<'_> {
    fn id_of_post(&self, number: &str) -> String {
        format!("{}_{number}", self.account.id)
    }

    /// Something new on the Page.
    fn on_the_page(&mut self, item: &str, text: &str) -> Feed {
        Feed {
            item: Some(item.to_owned()),
            verb: Some("add".to_owned()),
            from: Some(self.author()),
            message: Some(text.to_owned()),
            created_time: Some(Timestamp::from_secs(self.now.as_millis() / 1000)),
            ..Feed::default()
        }
    }

    /// The person as everybody sees them: not by the id that they have in the thread.
    fn author(&mut self) -> Author {
        let name = Some(self.thread.name.clone());
        let (name, username) = match self.account.product {
            Product::Messenger => (name, None),
            Product::Instagram => (None, name),
        };
        Author {
            id: Some(self.ids.number()),
            name,
            username,
            ..Author::default()
        }
    }
}
