"""The evidence: everything a reviewer or an auditor may want to see of a run, sealed.

``bundle.py`` lays out the directory; ``snapshot.py`` and ``comparison.py`` hold before and after side by side, ``barrier.py``
names what stands in the way; ``progress.py`` is the log of rounds, ``junit.py`` the test reports; ``sbom.py`` lists components
(CycloneDX); ``statement.py`` makes the in-toto statement and seals it (DSSE); ``report.py`` draws the HTML page;
``pull_request.py`` writes the PR body. Pure functions of a run's record.
"""
