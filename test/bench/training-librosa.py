"""librosa's side of bench:training: the article recipe's features of each file, as raw float32 beside it. Arguments: pairs of audio and output."""

import sys

import librosa
import numpy as np

for audio, output in zip(sys.argv[1::2], sys.argv[2::2]):
    samples, _ = librosa.load(audio, sr=22050, mono=True)
    samples = librosa.util.fix_length(samples, size=88200)
    power = librosa.feature.melspectrogram(y=samples, sr=22050, n_fft=2048, hop_length=512, n_mels=128, fmin=20, fmax=11025)
    librosa.power_to_db(power, ref=np.max).astype("<f4").tofile(output)
