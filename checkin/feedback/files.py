JOB="feedback.files"
