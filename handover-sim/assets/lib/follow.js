/**
 * Keeps the end of a scrolling box in sight for as long as the reader has not scrolled away from it.
 * Call `settle` after every change; `toEnd` goes there whatever the reader did.
 */
export function follow(box) {
  let following = true;
  const settle = () => {
    if (following) box.scrollTop = box.scrollHeight;
  };
  const toEnd = () => {
    following = true;
    settle();
  };
  box.addEventListener("scroll", () => {
    following = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
  });
  new ResizeObserver(settle).observe(box);
  return { settle, toEnd };
}
