"""umap-learn's layout of made-up clips as vectors, and how far it is to be trusted, by scikit-learn.

Eight groups of unequal spread in 24 dimensions, each vector of length 1, some of them near two groups.
"""

import json
from pathlib import Path

import numpy as np
import sklearn
import umap
from sklearn.manifold import trustworthiness

DATA = Path(__file__).parent.parent / "data"
ROWS, WIDTH, GROUPS, NEIGHBOURS = 400, 24, 8, 15

random = np.random.default_rng(73)
centres = random.normal(size=(GROUPS, WIDTH))
group = np.arange(ROWS) % GROUPS
spread = np.linspace(0.2, 0.7, GROUPS)[group][:, None]
vectors = centres[group] + spread * random.normal(size=(ROWS, WIDTH))
between = random.choice(ROWS, 60, replace=False)
vectors[between] += 0.8 * centres[(group[between] + 1) % GROUPS]
vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype("<f4")

places = umap.UMAP(n_neighbors=NEIGHBOURS, min_dist=0.1, metric="cosine", random_state=1).fit_transform(vectors)
trust = trustworthiness(vectors.astype(np.float64), places, n_neighbors=NEIGHBOURS, metric="cosine")

vectors.tofile(DATA / "map.f32")
DATA.joinpath("map.json").write_text(
    json.dumps(
        {
            "versions": {"umap-learn": umap.__version__, "scikit-learn": sklearn.__version__, "numpy": np.__version__},
            "rows": ROWS,
            "width": WIDTH,
            "neighbours": NEIGHBOURS,
            "trustworthiness": float(trust),
            "places": [[round(float(x), 5), round(float(y), 5)] for x, y in places],
        }
    )
    + "\n"
)
print(trust)
