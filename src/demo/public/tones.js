/* What one hears while it rings. */

/** Pitches in hertz, and for how many seconds of every so many they sound. */
const TONES = {
  ring: { pitches: [620, 780], seconds: 0.9, every: 2.4, volume: 0.08 },
  ringback: { pitches: [440, 480], seconds: 1.2, every: 4, volume: 0.04 },
  waiting: { pitches: [440], seconds: 0.2, every: 5, volume: 0.03 },
};

let sounding = { name: null, speaker: null };

/** Silences what sounds, at once. Where the browser forbids sound, it rings for the eyes only. */
export function sound(name) {
  if (sounding.name === name) return;
  sounding.speaker?.close();
  sounding = { name, speaker: name && new AudioContext() };
  if (name) playTone(sounding.speaker, TONES[name]);
}

function playTone(speaker, { pitches, seconds, every, volume }) {
  const loudness = new GainNode(speaker, { gain: 0 });
  loudness.connect(speaker.destination);
  for (let start = 0; start < 300; start += every) {
    loudness.gain.setTargetAtTime(volume, start, 0.02);
    loudness.gain.setTargetAtTime(0, start + seconds, 0.04);
  }
  for (const frequency of pitches) {
    const oscillator = new OscillatorNode(speaker, { frequency });
    oscillator.connect(loudness);
    oscillator.start();
  }
}
