/** Updates the children of a list, and keeps those that have not changed. */
export function reconcile(list, items, build) {
  const known = new Map([...list.children].map((child) => [child.dataset.key, child]));
  let at = list.firstElementChild;
  for (const item of items) {
    const signature = JSON.stringify(item);
    let child = known.get(item.key);
    if (!child || child.signature !== signature) {
      const fresh = build(item);
      fresh.dataset.key = item.key;
      fresh.signature = signature;
      if (child) {
        if (at === child) at = fresh;
        child.replaceWith(fresh);
      }
      child = fresh;
    }
    known.delete(item.key);
    if (child === at) at = at.nextElementSibling;
    else list.insertBefore(child, at);
  }
  for (const gone of known.values()) gone.remove();
}
