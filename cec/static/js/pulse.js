// The timer of heartbeats, in a worker: browsers slow down the timers of a page that nobody looks at.
onmessage = ({ data }) => setInterval(() => postMessage(0), data);
