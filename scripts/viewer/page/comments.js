// The comments of a post with their replies, a page at a time.
(() => {
  "use strict";
  const { element, foreign, failure } = Viewer.dom;
  const { count, whole, date } = Viewer.texts;

  // The site writes " · Creator" after the creator's name; the page shows a mark instead.
  function name(comment) {
    const shown = (comment.commenter_name ?? "").replace(/ · Creator$/, "").replace(/^@/, "");
    return shown || comment.commenter_username || "Unknown";
  }

  function createComment(comment) {
    const likes = { number: comment.like_count, shown: comment.like_count_shown };
    const replies = comment.replies;
    const loaded = replies.length;
    return element("li", { class: "comment" },
      element("p", { class: "comment-head" },
        foreign(name(comment), { class: "comment-name" }),
        comment.is_creator ? element("span", { class: "mark" }, "Creator") : null),
      element("p", { class: "comment-text", dir: "auto", lang: comment.language }, comment.comment_text),
      element("p", { class: "comment-foot" },
        comment.posted_date ? date(comment.posted_date) : foreign(comment.time_posted),
        likes.number || (likes.number === null && likes.shown)
          ? element("span", { class: "likes" }, Viewer.icon("heart"),
            element("span", { class: "unseen" }, "likes: "), count(likes)) : null,
        comment.replies_count > loaded
          ? element("span", {}, `${whole(comment.replies_count)} ${comment.replies_count === 1 ? "reply" : "replies"}${loaded ? `, ${loaded} here` : ""}`)
          : null),
      loaded ? element("details", { class: "replies", open: loaded <= 3 },
        element("summary", {}, loaded === 1 ? "1 reply" : `${whole(loaded)} replies`),
        element("ul", {}, replies.map(createComment))) : null);
  }

  function create(post) {
    const total = post.counts.comments?.number ?? 0;
    const loaded = post.comments_loaded;
    const scale = total > loaded ? `${whole(loaded)} of ${whole(total)}` : whole(loaded);
    const list = element("ul", { class: "comments" });
    const more = element("button", { type: "button", class: "button wide", hidden: true,
      onclick: () => extend(true) }, "More comments");
    const node = element("section", { class: "block", "aria-labelledby": "comments-title" },
      element("h3", { id: "comments-title" }, "Comments ",
        element("span", { class: "quiet" }, loaded ? scale : "")),
      loaded ? null : element("p", { class: "quiet" }, "The page had loaded no comments when it was scraped."),
      list, more);
    let next = 0;

    async function extend(isAsked) {
      more.disabled = true;
      try {
        const page = await Viewer.source.comments(post.id, next);
        const added = page.comments.map(createComment);
        list.append(...added);
        next = page.next;
        more.hidden = next === null;
        if (isAsked && added.length) {
          added[0].tabIndex = -1;
          added[0].focus();
        }
      } catch (error) {
        list.after(failure(error));
      }
      more.disabled = false;
    }
    if (loaded) extend(false);
    return node;
  }

  Viewer.comments = { create };
})();
