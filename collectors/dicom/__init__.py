"""Application entities of a PACS over DICOM (pynetdicom): C-ECHO, and studies counted by C-FIND.

No patient key is ever asked for, and of what is answered only counts are kept.
"""

from collectors.dicom.polling import poll

__all__ = ["poll"]
