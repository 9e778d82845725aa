// The usual loop: wait for a fixed time, read what is there, go on.
async (count, wait) => {
  const text = (name) => document.querySelector(`[data-e2e='${name}']`)?.innerText;
  const records = [];
  for (let i = 0; i < count; i += 1) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    records.push({
      id: location.pathname.match(/\d+$/)[0],
      description: text("browse-video-desc") ?? null,
      comments: [...document.querySelectorAll("[data-e2e='comment-level-1']")].map((comment) => ({
        "comment-text": comment.innerText,
      })),
    });
    document.querySelector("button[data-e2e='arrow-right']").click();
  }
  return records;
};
