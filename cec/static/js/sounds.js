// Sounds made on the spot: a few notes each, no files. Pitch in hertz, beginning and length in seconds.
const NOTES = {
  offer: [[659, 0, 0.18], [880, 0.2, 0.18], [659, 0.4, 0.18], [880, 0.6, 0.3]],
  message: [[784, 0, 0.12], [1047, 0.13, 0.2]],
  info: [[880, 0, 0.12]],
  warning: [[587, 0, 0.16], [587, 0.22, 0.22]],
  error: [[392, 0, 0.2], [294, 0.22, 0.34]],
  announcement: [[523, 0, 0.14], [659, 0.15, 0.14], [784, 0.3, 0.26]],
};
let context = null;

/** Sound once; a page that nobody has touched yet stays silent, as browsers demand. */
export const sound = (name, volume) => {
  if (!volume || !NOTES[name] || !navigator.userActivation?.hasBeenActive) return false;
  context ??= new AudioContext();
  context.resume();
  for (const [pitch, begin, length] of NOTES[name]) {
    const note = context.createOscillator(), loudness = context.createGain(), at = context.currentTime + begin;
    note.frequency.value = pitch;
    loudness.gain.setValueAtTime(0, at);
    loudness.gain.linearRampToValueAtTime(volume / 250, at + 0.015);
    loudness.gain.exponentialRampToValueAtTime(0.0001, at + length);
    note.connect(loudness).connect(context.destination);
    note.start(at);
    note.stop(at + length);
  }
  return true;
};
